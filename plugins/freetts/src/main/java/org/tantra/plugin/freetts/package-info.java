/// A voice that is always there: FreeTTS's diphone voice `kevin16`, embedded in the plugin's jar.
@NullMarked
package org.tantra.plugin.freetts;

import org.jspecify.annotations.NullMarked;
