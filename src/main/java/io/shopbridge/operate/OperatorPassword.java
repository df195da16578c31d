package io.shopbridge.operate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

import io.shopbridge.store.InvalidSettings;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Compares with a password from the settings, which is plain unless it names its hash: {@code {bcrypt}…}. */
class OperatorPassword {

    private final PasswordEncoder hashed = PasswordEncoderFactories.createDelegatingPasswordEncoder();

    boolean matches(String given, String configured) {
        return configured.startsWith("{") ? hashed.matches(given, configured) : equal(given, configured);
    }

    /**
     * Reports at the start a setting with which every login would fail.
     *
     * @throws InvalidSettings if its hash is unknown
     */
    void check(String configured) {
        try {
            matches("", configured);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettings("shopbridge.operator.password begins with a brace, but not with a known"
                    + " hash; write {bcrypt} and the hash, or a plain password without a brace at its beginning");
        }
    }

    /** In a time that depends only on their lengths. */
    static boolean equal(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
