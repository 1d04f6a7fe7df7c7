using System.Text;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Notices;

/// <summary>A notice as a worker gives it, parsed at the edge and trusted inside (design §5).</summary>
public abstract record Notice
{
    public sealed record Registration : Notice;

    public sealed record Residence(LocalDate From, RecordAddress Address) : Notice;

    public sealed record Confirmation : Notice;

    public sealed record Departure(LocalDate On) : Notice;

    /// <summary>Replaces a residence or a departure notice; what is null stays as it was.</summary>
    public sealed record Correction(ReceiptNumber Replaces, LocalDate? From, RecordAddress? Address, LocalDate? On) : Notice;

    /// <summary>Undoes a departure.</summary>
    public sealed record Withdrawal(ReceiptNumber Replaces) : Notice;

    /// <summary>SHA-256 of what the notice says, so that a repeated key with other content is told apart.</summary>
    public byte[] ContentHash()
    {
        var text = new StringBuilder();
        void Add(string? part) => text.Append(part is null ? "-" : $"{part.Length}:{part}").Append('|');
        void AddAddress(RecordAddress? a)
        {
            foreach (var part in (string?[])[a?.Locality, a?.Street, a?.Building, a?.Unit, a?.Postcode, a?.Note]) Add(part);
        }

        Add(GetType().Name);
        switch (this)
        {
            case Residence r:
                Add(IsoDate.Write(r.From));
                AddAddress(r.Address);
                break;
            case Departure d:
                Add(IsoDate.Write(d.On));
                break;
            case Correction c:
                Add(c.Replaces.ToString());
                Add(IsoDate.Write(c.From));
                Add(IsoDate.Write(c.On));
                AddAddress(c.Address);
                break;
            case Withdrawal w:
                Add(w.Replaces.ToString());
                break;
        }

        return Sha256.Hash(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
