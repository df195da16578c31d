package io.shopbridge.map;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Phone numbers in the one notation in which they are compared: E.164, and where there is an extension, that as
 * RFC 3966 writes it: {@code +442079460000;ext=12}. Two extensions of one number are two numbers.
 */
public final class PhoneNumbers {

    private static final String EXTENSION = ";ext=";
    /** Of libphonenumber: a region that no number belongs to, so that only numbers with a country code can be read. */
    private static final String NOWHERE = "ZZ";
    private static final int MEXICO = 52;
    /**
     * What was dialled before the ten digits of a Mexican number until August 2019: 1 from abroad to mobiles, and 01, 044
     * and 045 within the country. CRMs and messengers still have the 1.
     * https://en.wikipedia.org/wiki/Telephone_numbers_in_Mexico
     */
    private static final Pattern OLD_MEXICAN = Pattern.compile("(?:01|04[45]|1)(?=[0-9]{10}$)");
    private static final String MEXICAN = "+52";
    private static final String OLD_MOBILE = "+521";

    private PhoneNumbers() {
    }

    /**
     * The number in that notation; empty where it is not valid in its country. An old Mexican number is the present one.
     * Argentina's mobiles have a 9 after the country code; without it a number is a valid one of a landline, and so another.
     *
     * @param region ISO 3166-1 alpha-2 code of the country whose notation is used where there is no country code;
     *     may be null
     */
    public static Optional<String> normal(String text, String region) {
        PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
        try {
            PhoneNumber number = present(phones,
                    phones.parse(text, region == null ? NOWHERE : region.toUpperCase(Locale.ROOT)));
            // Valid, not only possible: two customers who typed 555-555-5555 are not one person
            return phones.isValidNumber(number) ? Optional.of(phones.format(number, PhoneNumberFormat.E164)
                    + (number.getExtension().isEmpty() ? "" : EXTENSION + number.getExtension())) : Optional.empty();
        } catch (NumberParseException e) {
            return Optional.empty();
        }
    }

    /** The number of a text that has its country code. */
    static Optional<String> international(String text) {
        return normal(text, null);
    }

    /** How a CRM may have a number that is in that notation, beside those that only a person would write. */
    static List<String> spellings(String normal) {
        return normal.startsWith(MEXICAN) ? List.of(normal, OLD_MOBILE + normal.substring(MEXICAN.length()))
                : List.of(normal);
    }

    private static PhoneNumber present(PhoneNumberUtil phones, PhoneNumber number) {
        if (number.getCountryCode() != MEXICO || phones.isValidNumber(number)) {
            return number;
        }
        Matcher old = OLD_MEXICAN.matcher(phones.getNationalSignificantNumber(number));
        return old.lookingAt() ? new PhoneNumber().mergeFrom(number).clearItalianLeadingZero().clearNumberOfLeadingZeros()
                .setNationalNumber(Long.parseLong(old.replaceFirst(""))) : number;
    }

    /** Whether this is the code of a country that has phone numbers. */
    static boolean isRegion(String code) {
        return PhoneNumberUtil.getInstance().getSupportedRegions().contains(code);
    }
}
