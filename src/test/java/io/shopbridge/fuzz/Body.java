package io.shopbridge.fuzz;

import org.apache.commons.codec.digest.DigestUtils;

/** The body of a webhook and the topic that it claims; {@code name} says how to get it again. */
record Body(String name, String topic, byte[] bytes) {

    /** Name, topic and the beginning of the SHA-256, which is in the database too; nothing of what it says. */
    @Override
    public String toString() {
        return name + " (" + topic + ", SHA-256 " + hash().substring(0, 12) + ", " + bytes.length + " bytes)";
    }

    String hash() {
        return DigestUtils.sha256Hex(bytes);
    }
}
