@NullMarked
package org.tantra.plugin.pytorch;

import org.jspecify.annotations.NullMarked;
