/// Golden cases: reads a folder with inputs and expected outputs and hands it to the plugin that
/// checks its family.
@NullMarked
package org.tantra.host.parity;

import org.jspecify.annotations.NullMarked;
