// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useState } from "preact/hooks";

/**
 * A value that components follow.
 * @template T
 */
export class Store {
  /** @param {T} value */
  constructor(value) {
    this.value = value;
    /** @type {Set<(value: T) => void>} */
    this.followers = new Set();
  }

  /** @param {T} value */
  set(value) {
    this.value = value;
    for (const follower of [...this.followers]) follower(value);
  }

  /**
   * @param {(value: T) => void} follower
   * @returns {() => void} stops it
   */
  follow(follower) {
    this.followers.add(follower);
    return () => void this.followers.delete(follower);
  }
}

/**
 * The value of a store, now and whenever it changes.
 * @template T
 * @param {Store<T>} store
 * @returns {T}
 */
export function useStore(store) {
  const [value, setValue] = useState(() => store.value);
  useLayoutEffect(() => {
    setValue(() => store.value);
    return store.follow((next) => setValue(() => next));
  }, [store]);
  return value;
}
