package io.shopbridge.receive;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Shopify's signature of a webhook: base64 of HMAC-SHA256 over the raw bytes, keyed with the app's client secret
 * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
 */
final class Signature {

    private static final String ALGORITHM = "HmacSHA256";

    private Signature() {
    }

    /** Whether any of the secrets gives this signature. Takes the same time wherever two signatures differ. */
    static boolean matches(String claimed, byte[] body, List<byte[]> secrets) {
        byte[] signature;
        try {
            signature = Base64.getDecoder().decode(claimed.trim());
        } catch (IllegalArgumentException e) {
            return false;
        }
        boolean matches = false;
        for (byte[] secret : secrets) {
            matches |= MessageDigest.isEqual(of(body, secret), signature);
        }
        return matches;
    }

    private static byte[] of(byte[] body, byte[] secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has " + ALGORITHM, e);
        }
    }
}
