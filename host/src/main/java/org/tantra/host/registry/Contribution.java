package org.tantra.host.registry;

import java.util.Optional;

/// One extension object that a plugin copy contributes to an extension point.
///
/// @param point the interface in the api, such as `Model.class`
/// @param id the extension's own id within that point
/// @param extension the object; reach it through a lease
/// @param copy whose it is
record Contribution<T>(Class<T> point, String id, T extension, PluginCopy copy) {
  /// A lease, unless the copy is being retired.
  Optional<Lease<T>> lease(String holder) {
    return copy.lease(extension, holder);
  }
}
