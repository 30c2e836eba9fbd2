/// The arithmetic under the layers: each kernel once in plain Java, which is its specification
/// ([ScalarKernels]), and once with the Vector API ([VectorKernels]). [KernelChoice] picks one for
/// the life of the process. Not for plugins: they call the layers of `org.tantra.nn`.
@NullMarked
package org.tantra.nn.kernel;

import org.jspecify.annotations.NullMarked;
