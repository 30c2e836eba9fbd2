/// Block-quantised weights: what their blocks mean as numbers.
@NullMarked
package org.tantra.nn.quant;

import org.jspecify.annotations.NullMarked;
