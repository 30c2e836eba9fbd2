/// Tests of the built jars: who imports whom, what a plugin jar holds, how sources are formatted.
@NullMarked
package org.tantra.arch;

import org.jspecify.annotations.NullMarked;
