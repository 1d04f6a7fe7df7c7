using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Manzil.Bench;

/// <summary>
/// Linux's own calls for many sockets on one thread: a generator that shares two cores with what it measures must cost little.
/// </summary>
sealed unsafe partial class Epoll : IDisposable
{
    const int AddCommand = 1, In = 1, NoDelay = 0x4000, DontWait = 0x40;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct Event
    {
        public uint Events;
        public long Data;
    }

    readonly int _handle = Require(epoll_create1(0));

    public void Add(Socket socket, int data)
    {
        var wanted = new Event { Events = In, Data = data };
        Require(epoll_ctl(_handle, AddCommand, (int)socket.Handle, ref wanted));
    }

    public int Wait(Span<Event> events, int milliseconds)
    {
        fixed (Event* first = events) return Require(epoll_wait(_handle, first, events.Length, milliseconds));
    }

    public static int Receive(nint socket, Span<byte> into)
    {
        fixed (byte* first = into) return (int)recv((int)socket, first, (nuint)into.Length, DontWait);
    }

    public static void Send(nint socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            // A request is far smaller than a socket's buffer, which is empty while nothing is under way.
            if (send((int)socket, first, (nuint)bytes.Length, NoDelay) != bytes.Length) throw new IOException("A request could not be sent whole.");
        }
    }

    public static Socket Connect(IPEndPoint to)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(to);
        return socket;
    }

    public void Dispose() => close(_handle);

    static int Require(int result) => result >= 0 ? result : throw new IOException($"epoll failed: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int command, int socket, ref Event wanted);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, Event* events, int count, int milliseconds);

    [LibraryImport("libc")]
    private static partial nint recv(int socket, byte* into, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial nint send(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int handle);
}
