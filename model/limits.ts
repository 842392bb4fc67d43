/** The most database connections that the page gives a deployment; Postgres must allow them. */
export const MOST_LIVE_CONNECTIONS = 200;

/**
 * Every limit of time and size along a request's way, each with its reason to be longer or shorter than its neighbour;
 * a test holds the order. Times in seconds, sizes in bytes.
 */
export const limits = {
  /** The longest that one request works by itself: `work` with everything at its maximum, a unit of CPU work taking `SECONDS_PER_UNIT`. */
  longestRequest: 8,

  database: {
    /** For the decision whether the database is there and for connecting, together; a look later is still within a second. */
    connect: 0.9,
    /** For one's turn at a connection: longer than any client of a trial waits, shorter than nginx does. */
    acquire: 20,
    /** For a statement, beyond the time that it takes by itself. */
    statement: 1,
    /**
     * For a worker that is silent in mid-transaction, until Postgres rolls that back: the network may have taken the
     * worker away for good, and its order's key would be locked for hours. One that is merely busy comes back in time.
     */
    silence: 10,
  },

  worker: {
    /** nginx sends a whole request at once, so these two only end clients that come past it. */
    header: 15,
    request: 30,
    /** Longer than nginx keeps its side, or nginx would send a request down a connection that is being closed. */
    keepAlive: 75,
    /** Between looks at the two above. */
    check: 5,
    headerSize: 16_384,
    bodySize: 16_384,
    /** Connections that the system holds until the worker takes them; a blocked worker takes none. */
    backlog: 4096,
    /** From the signal to stop to the end of the process. */
    drain: 10,
    /** Without a request for this long a draining worker is done. */
    quiet: 0.1,
    /** From a start that fails to the process's end: it is started again at once, and would take the machine. */
    failedStart: 1,
  },

  nginx: {
    clientHeader: 10,
    clientBody: 10,
    clientKeepAlive: 65,
    send: 10,
    connect: 2,
    /**
     * From a request's start until nginx no longer passes it on to another worker: after a connect timeout it still does,
     * after a send or read timeout not, since the first worker still holds the request.
     */
    passOn: 8,
    /** Without a byte from the worker: its queue counts, so longer than the longest request. */
    read: 30,
    /** For which nginx leaves a worker out after a request to it failed or timed out. */
    leaveOut: 1,
    upstreamKeepAlive: 60,
    /** Above the worker's, so that clients get the worker's own problem. */
    headerSize: 32_768,
    bodySize: 65_536,
  },

  pm2: {
    /** After the signal to stop; then SIGKILL. */
    kill: 12,
    /** From a process's end to its next start, however often it ends. */
    restart: 0.1,
  },
} as const;
