/**
 * The iterator of our object streams, so that `for await` knows the type of the items. A `NodeJS.ReadableStream`, which
 * `pipeline` takes, has to give texts or bytes; with `never` besides, ours pass for one, and `for await` still gives T alone.
 */
export type Given<T> = NodeJS.AsyncIterator<T> & NodeJS.AsyncIterator<never>;
