/// Layers that model plugins call: linear maps straight from mapped weights, norms, activations,
/// attention with its KV cache, and the recurrences of state-space models.
///
/// Activations are F32 arrays, row-major, one row per token; weights are views of memory that
/// outlives the layer. Layers hold no state that changes and are safe from any thread; work large
/// enough is spread over the [org.tantra.api.Compute] they were made with, and the numbers do not
/// depend on how. Arguments of wrong sizes are mistakes of the caller and end in
/// [IndexOutOfBoundsException] or [IllegalArgumentException].
@NullMarked
package org.tantra.nn;

import org.jspecify.annotations.NullMarked;
