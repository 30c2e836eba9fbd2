/// Settings: the YAML files of `Config/`, read strictly, with every problem reported at once with
/// file and line.
@NullMarked
package org.tantra.host.config;

import org.jspecify.annotations.NullMarked;
