/**
 * Reads the YAML that integration engineers write, and says what is wrong with it: file, line, key, what is wrong and
 * what would be right. It knows nothing of what the files mean.
 */
package io.shopbridge.yaml;
