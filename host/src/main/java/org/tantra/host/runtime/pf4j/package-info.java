/// Runs plugins in PF4J. The only package that sees `org.pf4j`.
@NullMarked
package org.tantra.host.runtime.pf4j;

import org.jspecify.annotations.NullMarked;
