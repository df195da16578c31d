package io.shopbridge.shopify;

import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.RecordKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;
import org.springframework.security.crypto.keygen.KeyGenerators;

/**
 * Makes the id of a guest from e-mail or phone. All phone numbers can be tried, so a plain hash in a log or the ledger
 * would reveal them; with a secret key of this installation it doesn't.
 *
 * <p>An id is {@code guest:} and 32 hex digits: HMAC-SHA-256 of the first 12 bytes, in hex, of the identity's SHA-256.
 * That hash was the id before there was a key, so ids of that time are keyed without knowing the e-mail.
 */
public final class GuestKey {

    private static final int KEY_BYTES = 32;
    private static final int SHORTEST = 32;
    private static final int PLAIN_DIGITS = 24;

    private final byte[] key;

    private GuestKey(byte[] key) {
        this.key = key;
    }

    /** A new one, in hex. */
    static String random() {
        return HexFormat.of().formatHex(KeyGenerators.secureRandom(KEY_BYTES).generateKey());
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
            throw new InvalidSettings("shopbridge.guests.key has " + given.length() + " characters; it needs "
                    + SHORTEST + " or more. `openssl rand -hex 32` makes one");
        }
        return new GuestKey(given.getBytes(StandardCharsets.UTF_8));
    }

    /** For records that are only shown: what they are shown with says nothing about the stored ones. */
    public static GuestKey ofNoInstallation() {
        return new GuestKey(new byte[KEY_BYTES]);
    }

    /** The record id of the guest of this e-mail address, in lower case, or of this phone number and name. */
    public String id(String identity) {
        return RecordKey.GUEST + keyed(DigestUtils.sha256Hex(identity).substring(0, PLAIN_DIGITS));
    }

    /** What stands behind {@link RecordKey#GUEST} for the hash that stood there before there was a key. */
    String keyed(String plain) {
        return HexFormat.of().formatHex(hmac(plain), 0, 16);
    }

    /** Tells this key from another one, and nothing else. */
    String fingerprint() {
        return HexFormat.of().formatHex(hmac("fingerprint"), 0, 8);
    }

    private byte[] hmac(String text) {
        // One for each call, because it is not for several threads.
        return new HmacUtils(HmacAlgorithms.HMAC_SHA_256, key).hmac(text);
    }
}
