package org.tantra.host.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;

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
          throw new org.tantra.api.TantraException(
              org.tantra.api.ErrorKind.UNSUPPORTED, "This build has no HTTP door.");
        }

        @Override
        public DesiredPlugins desired(Path home) {
          throw new org.tantra.api.TantraException(
              org.tantra.api.ErrorKind.UNSUPPORTED, "This build has no desired state.");
        }
      };
}
