using Manzil.Receipts;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

public class StatementTests
{
    [Fact]
    public void Sign_SampleContent_DecodesToTheSameContentAndVerifies()
    {
        using var signer = Sample.Signer();
        var content = Sample.Content(Sample.Act);
        var statement = Statement.Decode(signer.Sign(content));
        Assert.Equal(content, statement.Content);
        Assert.True(statement.VerifySignature(signer.PublicKey));
        Assert.Equal(Sample.Act, Record.Decode(Sample.Act.Encode()));
    }
}
