/// How a plugin jar becomes running classes: its manifest, its private copy in the staging folder,
/// what it may see of the host, and the port [PluginRuntime] with its two adapters. Knows nothing
/// of extensions and leases.
@NullMarked
package org.tantra.host.runtime;

import org.jspecify.annotations.NullMarked;
