/// Weight formats of NumPy: `.npy`, one array with a header in Python's spelling, and `.npz`, a zip
/// archive of such arrays by name. Nothing in a file is ever evaluated; arrays of Python objects,
/// which are pickles, are refused.
@NullMarked
package org.tantra.plugin.numpy;

import org.jspecify.annotations.NullMarked;
