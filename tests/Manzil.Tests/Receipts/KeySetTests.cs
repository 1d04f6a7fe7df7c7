using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Tests.Receipts;

public class KeySetTests
{
    static readonly Instant Later = Sample.KeysFrom + Duration.FromDays(100);

    [Fact]
    public void Parse_WhatToJsonGave_IsTheSameKeySet()
    {
        using var old = Sample.LogSigner("manzil-test-log-2", "old.example/log");
        using var signer = Sample.Signer();
        var last = Sample.Prove([1], old).CheckpointText;
        var keys = Sample.Keys(
            new(signer.PublicKey, Sample.KeysFrom, Later, Later - Duration.FromDays(1)),
            closed: new(NoteVerifier.Parse(old.VerifierKey), Sample.KeysFrom, Later, last));
        var json = keys.ToJson();
        var read = KeySet.Parse(json, Later);
        Assert.Equal(json, read.ToJson());
        Assert.Equal(Later, read.AsOf);
        Assert.Equal(signer.KeyId, read.Keys[0].Key.KeyId);
        Assert.Equal((Sample.KeysFrom, Later, Later - Duration.FromDays(1)), (read.Keys[0].From, read.Keys[0].Until!.Value, read.Keys[0].Revoked!.Value));
        Assert.Equal(last, read.Logs[0].LastCheckpoint);
        Assert.Equal(Sample.LogName, read.Log.Key.Name);
        Assert.True(read.Witnesses[0].IsWitness);
    }

    [Fact]
    public void ToJson_KeySet_HasTheMembersOfTheDesign()
    {
        var root = JsonNode.Parse(Sample.Keys().ToJson())!.AsObject();
        Assert.Equal(["keys", "log", "logs", "witnesses"], root.Select(member => member.Key));
        Assert.Equal(["kty", "crv", "x", "y", "kid", "alg", "use", "from"], root["keys"]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal(["vkey", "from"], root["logs"]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal("2026-01-01T00:00:00Z", (string?)root["keys"]![0]!["from"]);
    }

    [Fact]
    public void KeySet_TimesWithPartsOfASecond_AreTheWholeSecondsOfTheJson()
    {
        using var signer = Sample.Signer();
        var keys = Sample.Keys(new(signer.PublicKey, Sample.KeysFrom + Duration.FromMilliseconds(999)));
        Assert.Equal(Sample.KeysFrom, keys.Keys[0].From);
        Assert.Equal(Sample.KeysFrom, KeySet.Parse(keys.ToJson()).Keys[0].From);
    }

    public static TheoryData<string, Action<JsonObject>> Wrong => new()
    {
        { "no keys", root => root.Remove("keys") },
        { "no log", root => root.Remove("log") },
        { "no witnesses", root => root.Remove("witnesses") },
        { "another log", root => root["log"] = (string?)root["witnesses"]![0] },
        { "no open log", root => root["logs"]![0]!["until"] = "2026-02-01T00:00:00Z" },
        { "two keys the same", root => root["keys"]!.AsArray().Add(root["keys"]![0]!.DeepClone()) },
        { "a private key", root => root["keys"]![0]!["d"] = "AAAA" },
        { "kid of another key", root => root["keys"]![0]!["kid"] = "AAAAAAAAAAA" },
        { "a point off the curve", root => root["keys"]![0]!["x"] = root["keys"]![0]!["y"]!.DeepClone() },
        { "padding", root => root["keys"]![0]!["x"] = (string?)root["keys"]![0]!["x"] + "=" },
        { "time with zone", root => root["keys"]![0]!["from"] = "2026-01-01T00:00:00+03:00" },
        { "until before from", root => root["keys"]![0]!["until"] = "2025-01-01T00:00:00Z" },
        { "a number", root => root["log"] = 1 },
        { "witness of a log's type", root => root["witnesses"]![0] = (string?)root["log"] },
        { "last checkpoint of an open log", root => root["logs"]![0]!["lastCheckpoint"] = Sample.Prove([1]).CheckpointText },
        { "half a surrogate pair", root => root["log"] = "HALF" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Parse_WrongKeySet_IsRefused(string what, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(Sample.Keys().ToJson())!.AsObject();
        change(root);
        var json = Encoding.UTF8.GetBytes(root.ToJsonString().Replace("HALF", "\\uD800"));
        Assert.True(Assert.ThrowsAny<Exception>(() => KeySet.Parse(json)) is ReceiptFormatException, what);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"keys\":[],\"keys\":[]}")]
    [InlineData("{\"keys\":[1],\"log\":\"\",\"logs\":[],\"witnesses\":[]}")]
    [InlineData("[[[[[[[[[[[[")]
    public void Parse_NoKeySet_IsRefused(string json) => Assert.Throws<ReceiptFormatException>(() => KeySet.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Parse_KeyOfAnotherAlgorithm_IsLeftOut()
    {
        var root = JsonNode.Parse(Sample.Keys().ToJson())!.AsObject();
        root["keys"]!.AsArray().Add(new JsonObject { ["kty"] = "AKP", ["alg"] = "ML-DSA-44" });
        Assert.Single(KeySet.Parse(Encoding.UTF8.GetBytes(root.ToJsonString())).Keys);
    }

    // The day on which a key of a new kind is listed, every verifier that was built before it goes on.
    [Fact]
    public void Parse_KeysOfUnknownKinds_AreLeftOutAndTheRestHolds()
    {
        var root = JsonNode.Parse(Sample.Keys().ToJson())!.AsObject();
        var feed = root["keys"]![0]!.DeepClone();
        feed["use"] = "feed";
        root["keys"]!.AsArray().Add(feed);
        root["keys"]!.AsArray().Add(new JsonObject { ["kty"] = "RSA", ["n"] = "AQAB", ["e"] = "AQAB" });
        foreach (var type in (byte[])[0x00, 0x02, 0x05, 0x06, 0x07, 0xFE, 0xFF])
        {
            var length = type == 0x06 ? 1312 : 32;
            var key = new byte[length];
            root["witnesses"]!.AsArray().Add(VerifierKey($"witness.example/w{type}", type, key));
            root["logs"]!.AsArray().Add(new JsonObject
            {
                ["vkey"] = VerifierKey("other.example/log", type, key),
                ["from"] = "2026-01-01T00:00:00Z",
            });
        }

        var read = KeySet.Parse(Encoding.UTF8.GetBytes(root.ToJsonString()));
        Assert.Equal(Sample.Keys().ToJson(), read.ToJson());
        var (statement, record, proof) = Sample.Receipt();
        var report = ReceiptVerifier.Verify(statement, record, proof, null, read, Sample.Now);
        Assert.True(report.IsValid, string.Join(' ', report.Problems));
    }

    // C2SP signed-note, vkey: name+hash+base64(type, key).
    static string VerifierKey(string name, byte type, byte[] key) =>
        $"{name}+{Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. key])[..4])}+{Convert.ToBase64String([type, .. key])}";

    // What is no vkey at all is a fault of the file, and told.
    [Theory]
    [InlineData("witness.example/w1")]
    [InlineData("witness.example/w1+00000000+BA==")]
    [InlineData("witness.example/w1+00000000+")]
    public void Parse_AWitnessThatIsNoKey_IsRefused(string vkey)
    {
        var root = JsonNode.Parse(Sample.Keys().ToJson())!.AsObject();
        root["witnesses"]!.AsArray().Add(vkey);
        Assert.Throws<ReceiptFormatException>(() => KeySet.Parse(Encoding.UTF8.GetBytes(root.ToJsonString())));
    }
}
