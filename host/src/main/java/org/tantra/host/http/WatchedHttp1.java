package org.tantra.host.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/// Helidon's HTTP/1.1 over a [Connection] instead of over the bare socket: the one place where
/// Helidon lets a request see the socket it came by.
final class WatchedHttp1 implements ServerConnectionSelector {
  private final ServerConnectionSelector http1;

  WatchedHttp1(ServerConnectionSelector http1) {
    this.http1 = http1;
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Connection connection = new Connection(context.serverSocket());
    DataReader reader = DataReader.create(connection::read);
    return new Watched(connection, http1.connection(new WatchedContext(context, reader)));
  }

  private record Watched(Connection connection, ServerConnection requests)
      implements ServerConnection {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      connection.serve(requests, limit);
    }

    @Override
    public Duration idleTime() {
      return requests.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      requests.close(interrupt);
    }
  }

  /// The context as it is, but for where bytes are read from.
  private record WatchedContext(ConnectionContext plain, DataReader dataReader)
      implements ConnectionContext {
    @Override
    public ListenerContext listenerContext() {
      return plain.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return plain.executor();
    }

    @Override
    public DataWriter dataWriter() {
      return plain.dataWriter();
    }

    @Override
    public Router router() {
      return plain.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return plain.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return plain.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return plain.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return plain.localPeer();
    }

    @Override
    public boolean isSecure() {
      return plain.isSecure();
    }

    @Override
    public String socketId() {
      return plain.socketId();
    }

    @Override
    public String childSocketId() {
      return plain.childSocketId();
    }
  }
}
