import { judgeChain, type ChainProof, type ChainVerdict, type JudgeOptions, type TrustMaterial } from '../../../src/x509/index.js';
import { makeWorld, now, trusting, type Changes, type World } from '../maker/world.js';

/** A chain in a world of its own: root and sub CA in the directory, user, two proxies; differing from the usual in what is named. */
export interface ChainCase {
  readonly name: string;
  readonly changes?: Changes;
  /** Default: both proxies and the user, leaf first. */
  readonly sent?: (world: World) => readonly Uint8Array[];
  /** Default: root and sub CA, no revocation lists. */
  readonly material?: (world: World) => Partial<TrustMaterial>;
  readonly options?: Partial<Omit<JudgeOptions, 'trust'>>;
}

export interface GoodChain extends ChainCase {
  readonly proof?: Partial<ChainProof>;
}

/** A chain wrong in exactly one way. */
export interface BadChain extends ChainCase {
  readonly reason: RegExp;
}

export function judgeCase({ changes, sent, material, options }: ChainCase): ChainVerdict {
  const world = makeWorld(changes);
  const trust = trusting({ authorities: [world.root, world.sub], ...material?.(world) });
  return judgeChain(sent?.(world) ?? [world.second, world.first, world.user], { now, ...options, trust });
}
