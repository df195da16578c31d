package io.shopbridge.mirror;

import io.shopbridge.store.InvalidSettings;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the id of a guest from e-mail or phone. There are few enough phone numbers to try them all, so a hash alone
 * would give them away to whoever sees an id in a log or the ledger; with a key of this installation it doesn't.
 *
 * <p>An id is {@code guest:} and 32 hex digits: HMAC-SHA-256 of the first 12 bytes, in hex, of the identity's SHA-256.
 * That hash was the id before there was a key, so ids of that time are keyed without knowing the e-mail.
 */
final class GuestKey {

    static final String PREFIX = "guest:";

    private static final String ALGORITHM = "HmacSHA256";
    private static final int SHORTEST = 32;

    private final SecretKeySpec key;

    private GuestKey(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** A new one, in hex. */
    static String random() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Of the database. */
    static GuestKey of(String hex) {
        return new GuestKey(HexFormat.of().parseHex(hex));
    }

    /**
     * Of the settings.
     *
     * @throws InvalidSettings if it is too short
     */
    static GuestKey of(GuestSettings settings) {
        String given = settings.key().strip();
        if (given.length() < SHORTEST) {
            throw new InvalidSettings("shopbridge.guests.key has " + given.length() + " characters, and must have "
                    + SHORTEST + " or more; `openssl rand -hex 32` makes one");
        }
        return new GuestKey(given.getBytes(StandardCharsets.UTF_8));
    }

    /** For records that are only shown: what they are shown with says nothing about the stored ones. */
    static GuestKey ofNoInstallation() {
        return new GuestKey(new byte[32]);
    }

    /** The record id of the guest of this e-mail address in lower case, or of this phone number and name, as compared. */
    String id(String identity) {
        return PREFIX + keyed(plain(identity));
    }

    /** What stands behind {@link #PREFIX} for the hash that stood there before there was a key. */
    String keyed(String plain) {
        return HexFormat.of().formatHex(hmac(plain), 0, 16);
    }

    /** Tells this key from another one, and nothing else. */
    String fingerprint() {
        return HexFormat.of().formatHex(hmac("fingerprint"), 0, 8);
    }

    private byte[] hmac(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has " + ALGORITHM, e);
        }
    }

    private static String plain(String identity) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
