/// GPT-2 and DistilGPT-2 in their published layout: one network, two model ids.
@NullMarked
package org.tantra.plugin.gpt2;

import org.jspecify.annotations.NullMarked;
