package org.tantra.host.cli;

import org.tantra.host.Host;
import org.tantra.host.HostOptions;

/// How commands reach a host; tests bring their own.
interface Doors {
  /// Opens a host in this process.
  Host open(HostOptions options);

  Doors REAL =
      new Doors() {
        @Override
        public Host open(HostOptions options) {
          VectorModule.load();
          return Host.open(options);
        }
      };
}
