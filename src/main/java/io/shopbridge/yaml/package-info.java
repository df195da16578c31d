/**
 * YAML parser for the files that integration engineers write. It reports faults with file, line, key, what is wrong and
 * what would be right. It does not know the meaning of the files.
 */
package io.shopbridge.yaml;
