/** Node's server. Imported by name, its module would load a WebSocket client with it: 3 to 4 MB in every thread. */
export const { createServer } = process.getBuiltinModule('node:http');
