"""boto3 and requests as clients of a store; prints what they saw as JSON. Usage: python-clients.py STORE.json < URLS.json"""

import hashlib
import json
import sys

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

store = json.load(open(sys.argv[1]))
urls = json.load(sys.stdin)
seen = {}


def client(keys, **config):
    return boto3.client(
        "s3",
        endpoint_url=store["origin"],
        region_name=store["region"],
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config),
    )


def code(call):
    try:
        call()
        return "ok"
    except ClientError as error:
        return "%s %s" % (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])


# requests, which knows nothing of S3, with URLs and a form signed elsewhere
content = bytes(range(256)) * 8192
put = requests.put(urls["put"], data=content, headers=urls["putHeaders"])
got = requests.get(urls["get"])
posted = requests.post(urls["post"], data=urls["form"], files={"file": content})
seen["requests"] = [put.status_code, got.status_code, got.content == content, posted.status_code]
seen["requests range"] = requests.get(urls["get"], headers={"Range": "bytes=1-3"}).content.hex()

# boto3 with the keys of the owner sees the same bytes and metadata
for name, s3 in {
    "default": client(store["credentials"]),
    "when required": client(
        store["credentials"], request_checksum_calculation="when_required", response_checksum_validation="when_required"
    ),
}.items():
    bucket, prefix = store["bucket"], urls["prefix"] + name + "/"
    head = s3.head_object(Bucket=bucket, Key=urls["key"])
    body = s3.get_object(Bucket=bucket, Key=urls["key"])["Body"].read()
    formed = s3.get_object(Bucket=bucket, Key=urls["formKey"])["Body"].read()
    s3.put_object(Bucket=bucket, Key=prefix + "a b/ü.txt", Body=b"hello", Metadata={"checksum": "0a1b2c3d"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key=prefix + "parts")["UploadId"]
    parts = []
    for number, piece in enumerate([b"A" * (5 * 1024 * 1024), b"tail"], 1):
        part = s3.upload_part(Bucket=bucket, Key=prefix + "parts", UploadId=upload, PartNumber=number, Body=piece)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key=prefix + "parts", UploadId=upload, MultipartUpload={"Parts": parts})
    whole = s3.get_object(Bucket=bucket, Key=prefix + "parts")["Body"].read()
    listed = [entry["Key"][len(prefix) :] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    form = s3.generate_presigned_post(bucket, prefix + "form", Conditions=[["content-length-range", 1, 10]])
    post = [requests.post(form["url"], data=form["fields"], files={"file": file}).status_code for file in (b"hello", b"x" * 11)]
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": prefix + "a b/ü.txt"})
    seen["boto3 " + name] = {
        "object": [body == content, formed == content, head["Metadata"]],
        "parts": hashlib.sha256(whole).hexdigest(),
        "listed": listed,
        "form": post,
        "url": requests.get(url).text,
        "missing": code(lambda: s3.get_object(Bucket=bucket, Key=prefix + "none")),
    }

writer = client(store["writeOnlyCredentials"])
source = {"Bucket": store["bucket"], "Key": urls["key"]}
seen["write-only"] = [
    code(lambda: writer.put_object(Bucket=store["bucket"], Key=urls["prefix"] + "written", Body=b"x")),
    code(lambda: writer.get_object(**source)),
    code(lambda: writer.copy_object(Bucket=store["bucket"], Key=urls["prefix"] + "copied", CopySource=source)),
]
print(json.dumps(seen))
