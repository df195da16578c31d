package io.shopbridge.map;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.Locale;
import java.util.Optional;

/**
 * Phone numbers in the one notation in which they are compared: E.164, and where there is an extension, that as
 * RFC 3966 writes it: {@code +442079460000;ext=12}. Two extensions of one number are two numbers.
 */
public final class PhoneNumbers {

    private static final String EXTENSION = ";ext=";
    /** Of libphonenumber: a region that no number belongs to, so that only numbers with a country code can be read. */
    private static final String NOWHERE = "ZZ";

    private PhoneNumbers() {
    }

    /**
     * The number in that notation; empty where it is not valid in its country.
     *
     * @param region ISO 3166-1 alpha-2 code of the country whose notation is used where there is no country code;
     *     may be null
     */
    public static Optional<String> normal(String text, String region) {
        PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
        try {
            PhoneNumber number = phones.parse(text, region == null ? NOWHERE : region.toUpperCase(Locale.ROOT));
            // Valid, not only possible: two customers who typed 555-555-5555 are not one person
            return phones.isValidNumber(number) ? Optional.of(phones.format(number, PhoneNumberFormat.E164)
                    + (number.getExtension().isEmpty() ? "" : EXTENSION + number.getExtension())) : Optional.empty();
        } catch (NumberParseException e) {
            return Optional.empty();
        }
    }

    /** Whether this is the code of a country that has phone numbers. */
    static boolean isRegion(String code) {
        return PhoneNumberUtil.getInstance().getSupportedRegions().contains(code);
    }
}
