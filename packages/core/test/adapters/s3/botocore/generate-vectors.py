#!/usr/bin/env python3
"""Writes vectors/presigned.json: URLs and POST forms signed by botocore, with which ours must agree to the last digit.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install boto3 && /tmp/venv/bin/python generate-vectors.py

Time is frozen and the keys are AWS's documentation examples. Run again only to add cases.
"""

import datetime
import json
import pathlib

import boto3
import botocore
import botocore.auth
import botocore.signers
from botocore.config import Config

FROZEN = datetime.datetime(2026, 11, 24, 12, 34, 56)
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//token+with/odd=characters=="


def freeze():
    for module in (botocore.auth, botocore.signers):
        module.get_current_datetime = lambda remove_tzinfo=True: FROZEN


ENDPOINTS = {
    "plain": "http://store.example.org:9000",
    "tls": "https://s3.example.org",
    "tls with its default port": "https://s3.example.org:443",
    "tls with a port": "https://s3.example.org:8443",
}

KEYS = [
    "vo/user/a/alice/data.bin",
    "vo/user/a/alice/with blank and+plus",
    "vo/üñï/日本語 🎉.txt",
    "vo/it's \"quoted\" (1)!*~",
    "vo/percent%20%2F%41&x=1;y,z@$:[]{}|^`<>",
]

CHECKSUM = {"checksum": "0a1b2c3d"}

# (our method, botocore's method, parameters beyond bucket and key, our item)
METHODS = [
    ("get_object", "get_object", {}, {}),
    (
        "get_object",
        "get_object",
        {"ResponseContentDisposition": "attachment; filename=\"a _b_.txt\"; filename*=UTF-8''a%20%22b%22.txt"},
        {"downloadName": 'a "b".txt'},
    ),
    ("head_object", "head_object", {}, {}),
    ("delete_object", "delete_object", {}, {}),
    ("put_object", "put_object", {}, {}),
    (
        "put_object",
        "put_object",
        {
            "Metadata": {**CHECKSUM, "run-number": "42 a"},
            "ContentLength": 11,
            "ContentType": "text/plain; charset=utf-8",
            "IfNoneMatch": "*",
        },
        {
            **CHECKSUM,
            "metadata": {"run-number": "42 a"},
            "sizeBytes": 11,
            "contentType": "text/plain; charset=utf-8",
            "ifNoneMatch": True,
        },
    ),
    ("create_multipart_upload", "create_multipart_upload", {"Metadata": CHECKSUM}, CHECKSUM),
    (
        "upload_part",
        "upload_part",
        {"UploadId": "2~a/b+c=", "PartNumber": 7, "ContentLength": 5242880},
        {"uploadId": "2~a/b+c=", "partNumber": 7, "sizeBytes": 5242880},
    ),
    ("list_parts", "list_parts", {"UploadId": "2~abc"}, {"uploadId": "2~abc"}),
    ("complete_multipart_upload", "complete_multipart_upload", {"UploadId": "2~abc"}, {"uploadId": "2~abc"}),
    ("abort_multipart_upload", "abort_multipart_upload", {"UploadId": "2~abc"}, {"uploadId": "2~abc"}),
]


def client(endpoint, style, region, token):
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINTS[endpoint],
        region_name=region,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        aws_session_token=token,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": style},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def url_vectors():
    for endpoint in ENDPOINTS:
        for style in ("path", "virtual"):
            for region in ("us-east-1", "eu-central-1", "default"):
                token = TOKEN if region == "eu-central-1" else None
                s3 = client(endpoint, style, region, token)
                for number, key in enumerate(KEYS):
                    for method, operation, extra, item in METHODS:
                        # Every method with the first key at the first endpoint; elsewhere the plain GET and PUT.
                        if (number > 0 or endpoint != "plain") and (extra or method not in ("get_object", "put_object")):
                            continue
                        if endpoint != "plain" and number > 1:
                            continue
                        url = s3.generate_presigned_url(operation, {"Bucket": "bucket", "Key": key, **extra}, ExpiresIn=900)
                        yield {
                            "endpoint": ENDPOINTS[endpoint],
                            "style": style,
                            "region": region,
                            "sessionToken": token,
                            "method": method,
                            "key": key,
                            "item": item,
                            "url": url,
                        }


def post_vectors():
    for style in ("path", "virtual"):
        for region, token in (("us-east-1", None), ("eu-central-1", TOKEN)):
            s3 = client("plain", style, region, token)
            for key in KEYS:
                for item, fields, size in (
                    ({}, {}, (0, 5368709120)),
                    (
                        {**CHECKSUM, "metadata": {"run-number": "42 a"}, "sizeBytes": 11, "contentType": "text/plain"},
                        {"Content-Type": "text/plain", "x-amz-meta-checksum": "0a1b2c3d", "x-amz-meta-run-number": "42 a"},
                        (11, 11),
                    ),
                ):
                    fields = {**fields, "success_action_status": "204"}
                    conditions = [{name: value} for name, value in fields.items()] + [["content-length-range", *size]]
                    form = s3.generate_presigned_post("bucket", key, Fields=fields, Conditions=conditions, ExpiresIn=900)
                    yield {
                        "endpoint": ENDPOINTS["plain"],
                        "style": style,
                        "region": region,
                        "sessionToken": token,
                        "key": key,
                        "item": item,
                        "url": form["url"],
                        "fields": form["fields"],
                    }


def main():
    freeze()
    head = {
        "botocore": botocore.__version__,
        "now": FROZEN.isoformat() + "Z",
        "expirationSeconds": 900,
        "accessKeyId": ACCESS_KEY,
        "secretAccessKey": SECRET_KEY,
    }
    tables = {"urls": list(url_vectors()), "posts": list(post_vectors())}
    path = pathlib.Path(__file__).parent / "vectors" / "presigned.json"
    path.parent.mkdir(exist_ok=True)
    # One vector a line, so that a changed one can be seen.
    lines = [f'"{name}": {json.dumps(value)}' for name, value in head.items()]
    for name, rows in tables.items():
        lines.append(f'"{name}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(tables['urls'])} URLs, {len(tables['posts'])} forms -> {path}")


main()
