/// Weight files of PyTorch, read by a pickle machine that parses and never executes, and written as
/// archives that `torch.load(weights_only=True)` accepts. Door: [PytorchFormat].
@NullMarked
package org.tantra.plugin.pytorch;

import org.jspecify.annotations.NullMarked;
