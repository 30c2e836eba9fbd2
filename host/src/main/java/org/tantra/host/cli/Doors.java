package org.tantra.host.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.config.HostConfig;
import org.tantra.host.http.HttpServer;
import org.tantra.host.registry.DesiredState;

/// How commands reach a host; tests bring their own.
interface Doors {
  /// Opens a host in this process.
  Host open(HostOptions options);

  /// Opens the HTTP door of a host.
  ///
  /// @param address where to listen; null as the host's configuration says
  /// @param port likewise; 0 takes a free one
  HttpDoor listen(Host host, @Nullable String address, @Nullable Integer port);

  /// What the operator wants of the plugins of a home.
  DesiredPlugins desired(Path home);

  /// Changes what is wanted; hosts on that home follow.
  interface DesiredPlugins {
    void enable(String id);

    void disable(String id);

    void reload(String id);
  }

  /// An open HTTP door.
  interface HttpDoor extends AutoCloseable {
    int port();

    @Override
    void close();
  }

  Doors REAL =
      new Doors() {
        @Override
        public Host open(HostOptions options) {
          VectorModule.load();
          return Host.open(options);
        }

        @Override
        public HttpDoor listen(Host host, @Nullable String address, @Nullable Integer port) {
          HostConfig.Http http = host.config().http();
          HttpServer server =
              new HttpServer(
                  host,
                  new HostConfig.Http(
                      address == null ? http.host() : address,
                      port == null ? http.port() : port,
                      http.apiKeys(),
                      http.corsOrigins(),
                      http.maximumBodyBytes(),
                      http.queue(),
                      http.remoteMedia()));
          int listening = server.start();
          return new HttpDoor() {
            @Override
            public int port() {
              return listening;
            }

            @Override
            public void close() {
              server.close();
            }
          };
        }

        @Override
        public DesiredPlugins desired(Path home) {
          DesiredState state = new DesiredState(home.resolve("run").resolve("plugins.json"));
          return new DesiredPlugins() {
            @Override
            public void enable(String id) {
              state.enable(id);
            }

            @Override
            public void disable(String id) {
              state.disable(id);
            }

            @Override
            public void reload(String id) {
              state.reload(id);
            }
          };
        }
      };
}
