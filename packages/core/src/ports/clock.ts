/** The time, injected so that tests own it. */
export interface Clock {
  now(): Date;
}
