@NullMarked
package org.tantra.nn.quant;

import org.jspecify.annotations.NullMarked;
