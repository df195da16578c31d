package io.shopbridge.map;

/**
 * One thing wrong in a YAML file, written for the person who edits it.
 *
 * @param file path relative to the mappings folder
 * @param line 1-based, 0 where the whole file is meant
 * @param key dotted path of the key, empty where the whole file is meant
 * @param wrong what is wrong
 * @param right what is right
 */
public record Fault(String file, int line, String key, String wrong, String right) {

    @Override
    public String toString() {
        String place = line > 0 ? file + ":" + line : file;
        return (key.isEmpty() ? place : place + " " + key) + ": " + wrong + "; " + right;
    }
}
