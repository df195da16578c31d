package io.shopbridge.map;

import static io.shopbridge.map.ExpressionTest.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CleanersTest {

    private static final MappingContext CANADA = new MappingContext("main", "CA");

    private static JsonNode clean(String cleaner, String value) throws Refused {
        return cleaner(cleaner).clean(json(value), CANADA, because -> { });
    }

    private static Cleaner cleaner(String text) {
        return Cleaners.named(text, TextLengths.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "trim          | ' a '                       | 'a'",
        "trim          | '\u00a0a b\u202f'            | 'a b'",
        "trim          | [' a ', '', null, 'b']      | ['a','b']",
        "lower         | 'ÀB'                        | 'àb'",
        "upper         | 'cad'                       | 'CAD'",
        "email         | ' Ada@Example.COM '         | 'ada@example.com'",
        "email         | 'ada@example.com.'          | 'ada@example.com'",
        "email         | 'ada@example.com,; '        | 'ada@example.com'",
        "email         | '<ada@example.com>'         | 'ada@example.com'",
        "email         | 'mailto:ada@example.com'    | 'ada@example.com'",
        "email         | '\u200bada@exam\u200bple.com\u00a0' | 'ada@example.com'",
        "email         | '\uff21\uff44\uff41\uff20example\u3002com' | 'ada@example.com'",
        "email         | 'Ada@M\u00fcnchen.Example'    | 'ada@xn--mnchen-3ya.example'",
        "email         | 'ada@mu\u0308nchen.example'   | 'ada@xn--mnchen-3ya.example'",
        "email         | 'ada@xn--MNCHEN-3ya.example'| 'ada@xn--mnchen-3ya.example'",
        "email         | 'ada@stra\u00dfe.example'     | 'ada@stra\u00dfe.example'",
        "email         | 'zo\u00eb@example.com'        | 'zo\u00eb@example.com'",
        "email         | 'o`hara+x@sub.example.co.uk'| 'o`hara+x@sub.example.co.uk'",
        "phone         | '(639) 372 1289'            | '+16393721289'",
        "phone         | '+1(502)-459-2181'          | '+15024592181'",
        "phone         | '+46 8 123 456 78'          | '+46812345678'",
        "phone         | '(639) 372 1289 ext. 12'    | '+16393721289;ext=12'",
        "phone         | '+52 1 55 1234 5678'        | '+525512345678'",
        "phone         | '+52 044 55 1234 5678'      | '+525512345678'",
        "phone         | '+52 55 1234 5678 ext. 7'   | '+525512345678;ext=7'",
        "phone         | '+521 55 1234 5678 ext. 7'  | '+525512345678;ext=7'",
        "phone         | '\uff0b\uff15\uff12 55 1234\u200b 5678' | '+525512345678'",
        "phone         | '+54 9 11 2345 6789'        | '+5491123456789'",
        "phone         | '+54 11 15 2345 6789'       | '+5491123456789'",
        "phone         | '+54 11 2345 6789'          | '+541123456789'",
        "phone         | '+16393721289;ext=12'       | '+16393721289;ext=12'",
        "decimal       | '0012.30'                   | '12.30'",
        "decimal       | 12.30                       | '12.30'",
        "decimal       | 12345678901234567890.12     | '12345678901234567890.12'",
        "decimal       | '1e3'                       | '1000'",
        "decimal       | '-0.00'                     | '0.00'",
        "integer       | '2.00'                      | 2",
        "integer       | 9007199254740993            | 9007199254740993",
        "integer       | '123456789012345678901'     | 123456789012345678901",
        "boolean       | 'TRUE'                      | true",
        "boolean       | false                       | false",
        "date          | '2026-01-31T05:00:00-05:00' | '2026-01-31T10:00:00Z'",
        "date          | '2026-01-31T10:00:00.000Z'  | '2026-01-31T10:00:00Z'",
        "date          | '2026-01-31 10:00:00 +0000' | '2026-01-31T10:00:00Z'",
        "date          | '2026-01-31T10:00:00+00'    | '2026-01-31T10:00:00Z'",
        "date          | '2026-01-31'                | '2026-01-31T00:00:00Z'",
        "country       | 'ca'                        | 'CA'",
        "country       | 'UK'                        | 'GB'",
        "country       | 'el'                        | 'GR'",
        "country       | 'XK'                        | 'XK'",
        "day           | '2026-03-31T22:30:00-07:00' | '2026-03-31'",
        "day           | '2026-04-01T00:30:00+13:00' | '2026-04-01'",
        "day           | '2026-03-31'                | '2026-03-31'",
        "max-length 3  | 'abcd'                      | 'abc'",
        "max-length 2  | '😀😀😀'                    | '😀😀'",
        "join          | ['a','',null,'b',3]         | 'a, b, 3'",
        "join \"; \"   | ['a','b']                   | 'a; b'",
        "text          | 12.50                       | '12.50'",
        "text          | true                        | 'true'",
        "phone or-none | '555-555-SHIP'              | null",
        "phone or-as-is| ' 555-555-SHIP '            | '555-555-SHIP'",
    })
    void cleans(String cleaner, String value, String cleaned) throws Refused {
        assertThat(clean(cleaner, value)).isEqualTo(json(cleaned));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "email   | 'ada'                  | is not a plausible e-mail address",
        "email   | 'a b@example.com'      | is not a plausible e-mail address",
        "email   | 'ada@localhost'        | is not a plausible e-mail address",
        "email   | 'ada..b@example.com'   | is not a plausible e-mail address",
        "email   | '.ada@example.com'     | is not a plausible e-mail address",
        "email   | 'ada.@example.com'     | is not a plausible e-mail address",
        "email   | 'ada@@example.com'     | is not a plausible e-mail address",
        "email   | 'ada@example..com'     | is not a plausible e-mail address",
        "email   | 'ada@m\u00fcn..example'  | is not a plausible e-mail address",
        "email   | '@'                    | is not a plausible e-mail address",
        "phone   | '+52 2 55 1234 5678'   | is not a valid phone number in CA",
        "phone   | '555-555-SHIP'         | is not a valid phone number in CA",
        "phone   | 'call me'              | is not a valid phone number in CA",
        "decimal | 'a lot'                | `'a lot' is not a number`",
        "decimal | '1e999999999'          | `'1e999999999' is not a number`",
        "decimal | true                   | true is not a number",
        "integer | 1.5                    | 1.5 is not a whole number",
        "boolean | 'yes'                  | `'yes' is neither true nor false`",
        "date    | '2026-01-31T10:00:00'  | with an offset",
        "date    | 'yesterday'            | is not an ISO 8601 time",
        "date    | '0000-12-31T18:03:24-05:50' | of a year that no CRM has",
        "date    | '+12345-01-31T10:00:00Z' | of a year that no CRM has",
        "date    | '0001-01-01T00:00:00+05:00' | of a year that no CRM has",
        "day     | '0000-01-31'           | of a year that no CRM has",
        "country | 'Canada'               | is not an ISO 3166-1 country code",
        "country | 'AC'                   | is not an ISO 3166-1 country code",
        "country | 'TA'                   | is not an ISO 3166-1 country code",
        "country | 'AN'                   | is not an ISO 3166-1 country code",
        "country | 'ZZ'                   | is not an ISO 3166-1 country code",
        "trim    | {'a':1}                | is an object, where a text is needed",
    })
    void refuses(String cleaner, String value, String why) {
        assertThatThrownBy(() -> clean(cleaner, value)).isInstanceOf(Refused.class)
                .hasMessageContaining(why.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "emial | did you mean \"email\"?", "max-length | as in max-length 80", "max-length -1 | as in max-length 80",
        "email maybe | email or-none", "join ; | quoted separator", "zzz | legal: boolean"})
    void anUnknownCleanerGetsTheLegalOnes(String cleaner, String right) {
        assertThatThrownBy(() -> cleaner(cleaner)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(right);
    }

    @ParameterizedTest
    @ValueSource(strings = {"123-123-1234", "555-555-5555", "+", "0"})
    void anInvalidPhoneNumberMatchesNoOne(String number) {
        assertThatThrownBy(() -> clean("phone", "'" + number + "'")).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @CsvSource({"2026-04-01T03:30:00Z, 2026-03-31", "2026-04-01T03:30:00+02:00, 2026-04-01", "2026-04-01, 2026-04-01"})
    void aDayIsTheShops(String time, String day) throws Refused {
        MappingContext toronto = new MappingContext("main", "CA", ZoneId.of("America/Toronto"), null, Map.of());
        assertThat(Cleaners.named("day", TextLengths.UNKNOWN).clean(Values.NODES.textNode(time), toronto, cut -> { })
                .asText()).isEqualTo(day);
    }

    @Test
    void withoutARegionOnlyInternationalNumbersAreRead() throws Refused {
        MappingContext nowhere = new MappingContext("main", null);

        assertThat(cleaner("phone").clean(json("'+16393721289'"), nowhere, because -> { })).isEqualTo(json("'+16393721289'"));
        assertThatThrownBy(() -> cleaner("phone").clean(json("'639 372 1289'"), nowhere, because -> { }))
                .hasMessageContaining("with a country code");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        // Of the address that has the number, not of the default one
        "{'default_address':{'country_code':'US'},'addresses':[{'phone':'{n}','country_code':'IN'}]}  | +917012345678",
        "{'phone':'{n}','default_address':{'country_code':'in'}}                                      | +917012345678",
        "{'phone':'{n}','addresses':[{'country_code':'IN'}]}                                          | +917012345678",
        "{'phone':'{n}','shipping_address':{'country_code':'IN'}}                                     | +917012345678",
        "{'location':{'phone':'{n}','billing_address':{'country_code':'IN'}}}                         | +917012345678",
        "{'phone':'{n}','default_address':{'country':'India'}}                                        | +917012345678",
        "{'phone':'{n}','billing_address':{'country_code':'','country':' INDIA '}}                    | +917012345678",
        "{'phone':'{n}','billing_address':{'country':'Oz'},'shipping_address':{'country':'IND'}}      | +917012345678",
        "{'phone':'{n}','billing_address':{'first_name':'Ada'},'shipping_address':{'first_name':'Otto','country':'IN'}}"
            + " | +17012345678",
        "{'phone':'{n}','default_address':{'country_code':null}}                                      | +17012345678",
        "{'phone':'{n}','default_address':{'country_code':'Oz'}}                                      | +17012345678",
        "{'default_address':{'phone':'{n}','country_code':'IN'},'addresses':[{'phone':'{n}','country_code':'US'}]}"
            + " | +917012345678",
        "{}                                                                                           | +17012345678",
    })
    void aNumberIsReadInTheCountryOfItsAddress(String record, String number) throws Refused {
        MappingContext context = new MappingContext("main", "US").of(json(record.replace("{n}", "70123 45678")));

        assertThat(cleaner("phone").clean(json("'70123 45678'"), context, because -> { }))
                .isEqualTo(json("'" + number + "'"));
    }
}
