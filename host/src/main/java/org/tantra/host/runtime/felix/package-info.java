/// Runs plugins as bundles of Apache Felix. The only package that sees `org.osgi`.
@NullMarked
package org.tantra.host.runtime.felix;

import org.jspecify.annotations.NullMarked;
