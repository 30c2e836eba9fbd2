/// What parity checks share: comparing outputs with those of a reference implementation.
@NullMarked
package org.tantra.nn.parity;

import org.jspecify.annotations.NullMarked;
