/** Who may use a protocol section (`Access`); a section that says neither is for the own site only, as in DIRAC. */
export type SectionAccess = 'remote' | 'local' | 'unclassified';

/** One protocol section of a StorageElement, as DIRAC's plug-ins are configured. */
export interface StoragePlugin {
  /** Name of the section. */
  readonly section: string;
  readonly plugin: string;
  /** The protocol it speaks itself. */
  readonly protocol: string;
  readonly access: SectionAccess;
  /** What its `putFile` takes a URL of. */
  readonly inputProtocols: readonly string[];
  /** What it can make a URL of. */
  readonly outputProtocols: readonly string[];
  /** Host and path: two StorageElements that share one are the same storage. */
  readonly place?: { readonly host: string; readonly path: string };
}

/** Protocols in the order of preference. */
export interface ProtocolLists {
  readonly access: readonly string[];
  readonly write: readonly string[];
  readonly stage: readonly string[];
}

/** What protocol selection knows of a StorageElement, whichever protocols it speaks. */
export interface ElementProtocols {
  readonly name: string;
  /** In DIRAC's order of instantiation. */
  readonly plugins: readonly StoragePlugin[];
  /** Effective lists: its own, else those of Operations. */
  readonly lists: ProtocolLists;
  /** Lists that nobody set, neither for it nor in Operations: DIRAC's defaults stand in for them. */
  readonly unset?: readonly (keyof ProtocolLists)[];
}

/** Classes of operations (`StorageElement.py`): `describe` makes URLs and asks no store. */
export type OperationClass = 'read' | 'check' | 'stage' | 'write' | 'remove' | 'describe';
