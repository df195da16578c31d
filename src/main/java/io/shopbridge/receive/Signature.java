package io.shopbridge.receive;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;

/**
 * Shopify's signature of a webhook: base64 of HMAC-SHA256 over the raw bytes, keyed with the app's client secret
 * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
 */
final class Signature {

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
            matches |= MessageDigest.isEqual(new HmacUtils(HmacAlgorithms.HMAC_SHA_256, secret).hmac(body), signature);
        }
        return matches;
    }
}
