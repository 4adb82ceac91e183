import type { Http2 } from '../../../../../core/authoring/requests/tls.ts'
import { Connections, connectionsPerUser, sharedConnections } from '../connection/connections.ts'
import type { ConnectionMaker } from '../connection/connector.ts'
import { Http2Connections } from './http2-connections.ts'

/** Returns the connections of one user. */
export function connectionsOf(maker: ConnectionMaker, http2: Http2 = false): Connections {
  return http2 === false ? new Connections(maker, connectionsPerUser) : new Http2Connections(maker, http2)
}

/** Returns the connections that all users of a worker share. */
export function sharedConnectionsOf(maker: ConnectionMaker, http2: Http2 = false): Connections {
  if (http2 === false) return new Connections(maker, sharedConnections)
  return new Http2Connections(maker, http2, { http1: sharedConnections, http2: sharedConnections })
}
