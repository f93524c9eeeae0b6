import type { StoreSession } from '../store.ts';
import type { Connection } from './connections.ts';
import { Requests, type Server } from './requests.ts';

/** What the sessions of all stores have in common whose records are on a server. */
export abstract class ServerSession<C extends Connection> {
  protected readonly requests: Requests<C>;

  constructor(server: Server<C>) {
    this.requests = new Requests(server);
  }

  get errors(): StoreSession['errors'] {
    return this.requests.errors;
  }

  pause(): Promise<void> {
    return this.requests.pause();
  }

  flush(): void {
    this.requests.flush();
  }

  close(): void {
    this.requests.close();
  }
}
