using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Formats.Cbor;
using System.Numerics;
using System.Security.Cryptography;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

/// <summary>Strangers' tools verify our statements.</summary>
public sealed class InteropTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("manzil-interop-").FullName;

    [Fact]
    public void Verify_ByTransmuteCose_GivesThePayload()
    {
        var interop = Path.Combine(Sample.Repository(), "tests", "Manzil.Tests", "interop");
        Require(Directory.Exists(Path.Combine(interop, "node_modules", "@transmute", "cose")), "@transmute/cose is not installed: npm ci in tests/Manzil.Tests/interop.");
        var (statement, _, _) = Sample.Receipt();
        var good = Save("statement.cose", statement);
        var bad = Save("altered.cose", Altered(statement));
        var keys = Save("keys.json", Sample.Keys().ToJson());
        var script = Path.Combine(interop, "verify-statement.mjs");

        var (code, output) = Run("node", script, good, keys);
        Assert.True(code == 0, output);
        Assert.Equal(Sample.Salt, PayloadSalt(Convert.FromHexString(output)));
        Assert.NotEqual(0, Run("node", script, bad, keys).Code);
    }

    [Fact]
    public void Verify_ByOpenSsl_Holds()
    {
        using var signer = Sample.Signer();
        var statement = Statement.Decode(signer.Sign(Sample.Content(Sample.Act)));
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteInteger(new BigInteger(statement.Signature.AsSpan(0, 32), isUnsigned: true, isBigEndian: true));
            der.WriteInteger(new BigInteger(statement.Signature.AsSpan(32), isUnsigned: true, isBigEndian: true));
        }
        var signature = Save("signature.der", der.Encode());
        var key = Save("key.pem", System.Text.Encoding.ASCII.GetBytes(PemEncoding.WriteString("PUBLIC KEY", signer.PublicKeyInfo)));
        var signed = Save("signed", statement.ToBeSigned);
        var altered = Save("altered", Altered(statement.ToBeSigned));

        var (code, output) = Run("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, signed);
        Assert.True(code == 0, output);
        Assert.NotEqual(0, Run("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, altered).Code);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static byte[] Altered(byte[] bytes) => [.. bytes[..^70], (byte)(bytes[^70] ^ 1), .. bytes[^69..]];

    static byte[] PayloadSalt(byte[] payload)
    {
        var reader = new CborReader(payload);
        reader.ReadStartMap();
        Assert.Equal(1, reader.ReadInt32());
        return reader.ReadByteString();
    }

    string Save(string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    static (int Code, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Require(false, $"The program {program} is not installed.");
            throw;
        }
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : error.Result + output);
        }
    }

    static void Require(bool there, string otherwise)
    {
        if (!there && Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(otherwise);
        }
        Assert.SkipUnless(there, otherwise);
    }
}
