/// Typed blocks of numbers: element types, shapes, and views of mapped memory.
@NullMarked
package org.tantra.api.tensor;

import org.jspecify.annotations.NullMarked;
