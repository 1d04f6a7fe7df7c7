using Manzil.Rules;
using Manzil.SignIn;

namespace Manzil.Tests.Typing;

/// <summary>A phone number as everybody writes it, read with the habits of the country in which the service is.</summary>
public class PhoneNumberTests
{
    static readonly string Demo = Repository.Read("rules/demo.json");
    static readonly Jurisdiction Russian = Jurisdiction.Parse(Demo, "demo.json");
    static readonly Jurisdiction Kazakh = Jurisdiction.Parse(Demo.Replace("\"phone\": \"+7 000 000-00-00\"", "\"phone\": \"+7 7172 55-12-34\"", StringComparison.Ordinal), "demo.json");

    [Theory]
    [InlineData("8 999 123 45 67", "+79991234567")]
    [InlineData("8 (999) 123-45-67", "+79991234567")]
    [InlineData("8(999)1234567", "+79991234567")]
    [InlineData("7 999 123 45 67", "+79991234567")]
    [InlineData("999 123 45 67", "+79991234567")]
    [InlineData("+7 999 123 45 67", "+79991234567")]
    [InlineData("+7\u00A0999\u2011123\u201145\u201167", "+79991234567")]
    [InlineData("\u202A+7 999 123-45-67\u202C", "+79991234567")]
    [InlineData("\u2068+7 999 123 45 67\u2069\u200F", "+79991234567")]
    [InlineData("٨ ٩٩٩ ١٢٣ ٤٥ ٦٧", "+79991234567")]
    [InlineData("＋７ ９９９ １２３ ４５ ６７", "+79991234567")]
    [InlineData("8.999.123.45.67", "+79991234567")]
    [InlineData("00 998 90 123 45 67", "+998901234567")]
    [InlineData("8 10 998 90 123 45 67", "+998901234567")]
    [InlineData("+998 90 123-45-67", "+998901234567")]
    [InlineData("+996 (555) 123456", "+996555123456")]
    [InlineData("+70000000001", "+70000000001")]
    public void Phone_AsPeopleWriteItHere_IsRead(string typed, string number) => Assert.Equal(number, ContactAddress.Phone(typed, Russian));

    [Theory]
    [InlineData("8 701 123 45 67", "+77011234567")]
    [InlineData("701 123 45 67", "+77011234567")]
    [InlineData("+7 999 123 45 67", "+79991234567")]
    public void Phone_InAnotherCountry_IsReadByItsHabits(string typed, string number) => Assert.Equal(number, ContactAddress.Phone(typed, Kazakh));

    [Theory]
    [InlineData("")]
    [InlineData("112")]
    [InlineData("123456")]
    [InlineData("8 999 123")]
    [InlineData("+7 999 123 45")]
    [InlineData("+")]
    [InlineData("+7 999 123 45 67 and 8 999 000 00 00")]
    [InlineData("+7+9991234567")]
    [InlineData("8 999 CALL NOW")]
    [InlineData("٨a٩٩٩١٢٣٤٥٦٧")]
    public void Phone_WhatIsNone_IsRefused(string typed) => Assert.Null(ContactAddress.Phone(typed, Russian));
}
