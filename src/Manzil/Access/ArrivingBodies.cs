using System.Buffers;
using System.IO.Pipelines;

namespace Manzil.Access;

/// <summary>A request's body was given up half-way, because there was no memory for all and its sender held most of it.</summary>
public sealed class BodyGaveWayException() : IOException("There is no room for this body: it gave way to others.");

/// <summary>
/// Bodies of requests while they are in this node's memory, counted by the bytes that came, not by what was announced: who sends
/// slowly holds little. Where there is no room for the next byte, whoever holds most gives way, so that neither many senders nor slow
/// ones can keep others out.
/// </summary>
/// <param name="room">How many bytes all may hold together.</param>
/// <param name="roomOfOne">How many one sender may hold, in all their requests.</param>
/// <param name="always">
/// A body of so many bytes, which is a text, gives way to nobody and finds room where there is none; but of one sender only while all their
/// texts together are no more than that, or very many of them would fill the room.
/// </param>
public sealed class ArrivingBodies(long room, long roomOfOne, int always)
{
    readonly Lock _gate = new();
    readonly HashSet<Body> _bodies = [];
    readonly Dictionary<object, long> _of = [];
    long _held;

    /// <summary>How many bytes are held.</summary>
    public long Held
    {
        get
        {
            lock (_gate) return _held;
        }
    }

    /// <summary>How many requests hold a body, or may begin to.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _bodies.Count;
        }
    }

    /// <summary>Counts this request's body from now on, until the request is over.</summary>
    /// <param name="sender">Who sends it; null for a stranger, of whom each request is somebody else.</param>
    /// <param name="keepsHead">How much of its beginning can be read once more after it gave way.</param>
    public void Watch(HttpContext http, object? sender, int keepsHead = 0)
    {
        var body = new Body(this, sender ?? new object(), http.Request.BodyReader, keepsHead);
        lock (_gate) _bodies.Add(body);
        http.Response.OnCompleted(() =>
        {
            lock (_gate)
            {
                if (_bodies.Remove(body)) GiveBack(body);
            }

            return Task.CompletedTask;
        });
        http.Request.Body = body;
    }

    /// <returns>False where the body gives way.</returns>
    bool Add(Body body, int count)
    {
        List<Body>? others = null;
        var stays = true;
        lock (_gate)
        {
            if (!_bodies.Contains(body)) return false;
            body.Held += count;
            _held += count;
            _of[body.Sender] = _of.GetValueOrDefault(body.Sender) + count;
            while (stays && (_of[body.Sender] > roomOfOne || _held > room))
            {
                var most = _of[body.Sender] > roomOfOne ? MostOf(body.Sender) : Most();
                if (most is null || most == body)
                {
                    stays = most is null && _of[body.Sender] <= roomOfOne && IsText(body);
                    break;
                }

                (others ??= []).Add(most);
                _bodies.Remove(most);
                GiveBack(most);
            }

            if (!stays)
            {
                _bodies.Remove(body);
                GiveBack(body);
            }
        }

        // Outside the lock: whoever waits for such a body goes on at once, on this thread.
        others?.ForEach(b => b.GiveWay());
        return stays;
    }

    /// <summary>What gives way where one sender holds too much: the largest of theirs that is still coming.</summary>
    Body? MostOf(object sender) => _bodies.Where(b => !b.IsWhole && b.Sender.Equals(sender)).MaxBy(b => b.Held);

    /// <summary>What gives way where all hold too much: of whoever holds most, the largest that is still coming and no text.</summary>
    Body? Most()
    {
        var texts = _bodies.Where(b => b.Held <= always).GroupBy(b => b.Sender).ToDictionary(g => g.Key, g => g.Sum(b => b.Held));
        return _bodies.Where(b => !b.IsWhole && (b.Held > always || texts[b.Sender] > always)).MaxBy(b => (_of[b.Sender], b.Held));
    }

    bool IsText(Body body) => body.Held <= always && _bodies.Where(b => b.Held <= always && b.Sender.Equals(body.Sender)).Sum(b => b.Held) <= always;

    void GiveBack(Body body)
    {
        _held -= body.Held;
        if (!_of.TryGetValue(body.Sender, out var ofOne)) return;
        if (ofOne > body.Held) _of[body.Sender] = ofOne - body.Held;
        else _of.Remove(body.Sender);
    }

    /// <summary>A body that is counted while it is read.</summary>
    public sealed class Body : Stream
    {
        readonly ArrivingBodies _all;
        // Not as a stream: a read of the server's stream that is broken off leaves the rest unreadable, and the server says so in the operator's log.
        readonly PipeReader _inner;
        readonly MemoryStream? _head;
        readonly int _keepsHead;
        readonly CancellationTokenSource _gaveWay = new();

        internal Body(ArrivingBodies all, object sender, PipeReader inner, int keepsHead)
        {
            (_all, Sender, _inner, _keepsHead) = (all, sender, inner, keepsHead);
            if (keepsHead > 0) _head = new MemoryStream();
        }

        internal object Sender { get; }

        internal long Held { get; set; }

        internal bool IsWhole { get; private set; }

        /// <summary>Its beginning, where it gave way; null where it can be read itself.</summary>
        public Stream? Head => _gaveWay.IsCancellationRequested && _head is not null ? new MemoryStream(_head.ToArray()) : null;

        /// <summary>What is left of it, for whoever passes it by and keeps next to nothing: it is not counted, and gives way to nobody.</summary>
        public Stream Unheld => _inner.AsStream(leaveOpen: true);

        internal void GiveWay()
        {
            _gaveWay.Cancel();
            try
            {
                _inner.CancelPendingRead();
            }
            catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException or IOException or OperationCanceledException)
            {
                // The request was over in the same moment; whoever needs the room is another.
            }
        }

        /// <summary>Reads what is left and forgets it at once: nothing of it is held.</summary>
        public async Task ReadOverAsync(CancellationToken cancellation)
        {
            while (true)
            {
                var read = await _inner.ReadAsync(cancellation);
                _inner.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var (count, isWhole) = (0, false);
            // A read that was broken off for nothing begins again.
            while (count == 0 && !isWhole && buffer.Length > 0)
            {
                if (_gaveWay.IsCancellationRequested) throw new BodyGaveWayException();
                var read = await _inner.ReadAsync(cancellationToken);
                var part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
                part.CopyTo(buffer.Span);
                (count, isWhole) = ((int)part.Length, read.IsCompleted);
                _inner.AdvanceTo(part.End);
                if (_gaveWay.IsCancellationRequested) throw new BodyGaveWayException();
            }

            if (count == 0)
            {
                if (buffer.Length > 0) IsWhole = true;
                return 0;
            }

            if (_head is not null && _head.Length < _keepsHead) _head.Write(buffer.Span[..(int)Math.Min(count, _keepsHead - _head.Length)]);
            if (_all.Add(this, count)) return count;
            GiveWay();
            throw new BodyGaveWayException();
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
