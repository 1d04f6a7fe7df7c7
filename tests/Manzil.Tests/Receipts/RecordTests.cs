using FsCheck;
using FsCheck.Fluent;
using Manzil.Receipts;
using NodaTime;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

public class RecordTests
{
    // Worked out by hand from RFC 8949: the smallest record, and its fields.
    const string Small = "a6" + "0170" + "3034574b2d48373741422d4344454658" + "021840" + "031a69a40727" + "04195021" + "07644e2d3031" + "08686f70657261746f72";

    static readonly Gen<string> Texts = Gen.Elements("a", "Ж", "𝄞", " ", "\n", "0", "é", "中").NonEmptyListOf().Select(string.Concat);

    static readonly Gen<Record> Records =
        from kind in Gen.Elements(StatementKinds.All.ToArray())
        from seconds in Gen.Choose(0, 1_000_000_000)
        from days in Gen.Choose(0, 100_000)
        from deadline in Gen.Choose(-50_000, 100_000)
        from replaces in Gen.Elements(true, false)
        from channel in Gen.Elements(Enum.GetValues<RecordChannel>())
        from name in Texts
        from parts in Texts.ArrayOf(6)
        from mask in Gen.Choose(0, 31)
        from particulars in Texts.ListOf()
        from reason in Texts
        from shown in Gen.Choose(0, 3)
        let born = Limits.FirstDate.PlusDays(days)
        select new Record
        {
            Number = ReceiptNumber.New(Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromSeconds(seconds)),
            Kind = kind,
            IssuedAt = Instant.FromUnixTimeSeconds(seconds),
            EffectiveFrom = born,
            NextDeadline = deadline >= 0 ? Limits.FirstDate.PlusDays(deadline) : null,
            Replaces = replaces ? Sample.Number : null,
            Office = "N-01",
            Channel = channel,
            Holder = kind.ConcernsNobody() ? null : new(name, new("D", "C01X00T47", BirthDateTests.Shown(born, shown))),
            Address = mask == 0 ? null : new(parts[0], Part(parts, mask, 1), Part(parts, mask, 2), Part(parts, mask, 3), Part(parts, mask, 4), Part(parts, mask, 5)),
            Particulars = Sample.Act.Particulars.AddRange(particulars.Take(20).Select((text, i) => KeyValuePair.Create($"p{i}", text))),
            Reason = reason.Length % 2 == 0 ? reason : null,
        };

    static string? Part(string[] parts, int mask, int at) => (mask >> (at - 1) & 1) == 1 ? parts[at] : null;

    [Fact]
    public void Encode_SmallestRecord_IsExactlyTheDeterministicEncoding()
    {
        var record = Sample.Act with
        {
            Kind = StatementKind.Outage,
            NextDeadline = null,
            Channel = RecordChannel.Operator,
            Holder = null,
            Address = null,
        };
        Assert.Equal(Small, Convert.ToHexStringLower(record.Encode()));
    }

    [Fact]
    public void Encode_Particulars_GoShorterNamesFirstThenByByte()
    {
        var hex = Convert.ToHexStringLower((Sample.Act with { Particulars = Sample.Act.Particulars.Add("aa", "1").Add("z", "2").Add("b", "3") }).Encode());
        Assert.Contains("0ba3" + "61626133" + "617a6132" + "6261616131", hex);
    }

    [Fact]
    public void Decode_EveryRecord_RoundTrips() => Check.QuickThrowOnFailure(Prop.ForAll(Records.ToArbitrary(), record =>
    {
        var bytes = record.Encode();
        var read = Record.Decode(bytes);
        return read == record && read.Encode().AsSpan().SequenceEqual(bytes) && read.Holder == record.Holder && read.Address == record.Address
            && read.Reason == record.Reason && read.NextDeadline == record.NextDeadline && read.Channel == record.Channel
            && read.Particulars.SequenceEqual(record.Particulars);
    }));

    [Theory]
    [InlineData("a6", "a7", "a field too few")]
    [InlineData("021840", "021809", "unknown kind")]
    [InlineData("021840", "0219" + "0040", "non-minimal integer")]
    [InlineData("08686f70657261746f72", "0863666178", "unknown channel")]
    [InlineData("08686f70657261746f72", "08686f70657261746f7200", "trailing byte")]
    [InlineData("a6", "bf", "indefinite")]
    [InlineData("07644e2d3031", "0760", "empty office")]
    [InlineData("07644e2d3031", "076400ff0031", "malformed UTF-8")]
    [InlineData("04195021", "043a7fffffff", "a date before 1900")]
    [InlineData("031a69a40727", "0320", "a time before 1970")]
    [InlineData("031a69a40727", "031bffffffffffffffff", "a time past 2100")]
    public void Decode_Malformed_IsRefused(string part, string instead, string what)
    {
        Assert.Contains(part, Small);
        var bytes = Convert.FromHexString(Small.Replace(part, instead));
        Assert.True(Assert.ThrowsAny<Exception>(() => Record.Decode(bytes)) is ReceiptFormatException, what);
    }

    [Fact]
    public void Encode_BeyondLimits_Throws()
    {
        var act = Sample.FullAct;
        Record[] wrong =
        [
            act with { Reason = "" },
            act with { Reason = new string('x', Limits.ReasonBytes + 1) },
            act with { Reason = new string('Ж', Limits.ReasonBytes / 2 + 1) },
            act with { Reason = "\uD800" },
            act with { Holder = act.Holder! with { Name = "" } },
            act with { Address = act.Address! with { Locality = "" } },
            act with { Address = act.Address! with { Note = new string('x', Limits.NoteBytes + 1) } },
            act with { Particulars = act.Particulars.Add("Upper", "x") },
            act with { Particulars = act.Particulars.Add("empty", "") },
            act with { Particulars = act.Particulars.AddRange(Enumerable.Range(0, Limits.Particulars).Select(i => KeyValuePair.Create($"p{i}", "x"))) },
            act with { Particulars = act.Particulars.AddRange(Enumerable.Range(0, 9).Select(i => KeyValuePair.Create($"p{i}", new string('x', Limits.ParticularBytes)))) },
            act with { Kind = StatementKind.Outage },
            act with { Channel = (RecordChannel)5 },
            act with { Office = "" },
        ];
        Assert.All(wrong, record => Assert.Throws<ReceiptFormatException>(record.Encode));
        Assert.Equal(act, Record.Decode(act.Encode()));
    }

    [Theory]
    [InlineData("UZB|AA1234567|1990-05-17", "UZB|AA1234567|1990-05-17")]
    [InlineData(" uzb | aa 123-4567 | 1990-05-17 ", "UZB|AA1234567|1990-05-17")]
    [InlineData("D|C01X00T47|1964-08-12", "D|C01X00T47|1964-08-12")]
    [InlineData("UZB|AA1234567|1990-05-XX", "UZB|AA1234567|1990-05-XX")]
    [InlineData("uzb|aa1234567|1990-xx-xx", "UZB|AA1234567|1990-XX-XX")]
    [InlineData("UZB|AA1234567|1990-00-00", "UZB|AA1234567|1990-XX-XX")]
    [InlineData("UZB|AA1234567|1990-<<-<<", "UZB|AA1234567|1990-XX-XX")]
    [InlineData("UZB|AA1234567|<<<<-<<-<<", "UZB|AA1234567|XXXX-XX-XX")]
    [InlineData("UZB|AA1234567|1990-XX-17", null)]
    [InlineData("UZB|AA1234567|1990-XX", null)]
    [InlineData("UZB|AA1234567|1990", null)]
    [InlineData("UZB|AA1234567|19XX-XX-XX", null)]
    [InlineData("UZB|AA1234567", null)]
    [InlineData("UZB|AA1234567|17.05.1990", null)]
    [InlineData("UZB|AA1234567|1890-05-17", null)]
    [InlineData("UZBE|AA1234567|1990-05-17", null)]
    [InlineData("UZB|АА1234567|1990-05-17", null)]
    [InlineData("UZB||1990-05-17", null)]
    [InlineData("UZB|A23456789012345678901|1990-05-17", null)]
    public void TryParse_Document_ForgivesHowItIsTyped(string text, string? canonical)
    {
        Assert.Equal(canonical is not null, IdentityDocument.TryParse(text, out var document));
        Assert.Equal(canonical, document?.ToString());
    }
}
