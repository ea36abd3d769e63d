/** Calls a function the first time only; afterwards gives what it gave. A failure is kept too. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
