namespace Manzil.Cases.Files;

/// <summary>
/// What may stand at a place of a cleaned PDF, by kind of value. Whatever is not named here does not come through: actions,
/// scripts, forms, links, files, media, metadata, structure, private data of programs, and all that is invented later.
/// </summary>
sealed class PdfShape
{
    const string Functions = "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds";

    // Nothing but numbers, true and false, and lists of them; with names; with one of a few names.
    static readonly PdfShape Numbers = new() { IsNumber = true };
    static readonly PdfShape Plain = new() { IsNumber = true, IsPlain = true };
    static readonly PdfShape Text = new() { IsText = true };
    static readonly PdfShape Function = new() { IsPlain = true };
    static readonly PdfShape Colour = new() { IsNumber = true, IsPlain = true, IsText = true };
    static readonly PdfShape Font = new();
    static readonly PdfShape XObject = new() { Picks = Pick };
    static readonly PdfShape Pattern = new() { IsDrawn = true };
    static readonly PdfShape Shading = new();
    static readonly PdfShape State = new();
    static readonly PdfShape Image = new() { IsPicture = true };
    public static readonly PdfShape LayerOf = new() { Picks = PickLayer };
    static readonly PdfShape Membership = new();
    static readonly PdfShape Empty = new() { Dict = [] };

    /// <summary>A piece of a page that is drawn as one.</summary>
    public static readonly PdfShape Form = new() { IsDrawn = true };
    public static readonly PdfShape Resources = new();
    public static readonly PdfShape Content = new() { IsDrawn = true };
    public static readonly PdfShape Group = new();
    public static readonly PdfShape Box = Numbers;

    /// <summary>How a picture, or bytes written as differences, are packed.</summary>
    public static readonly PdfShape Packing = new();

    /// <summary>Which layers there are, and which of them show.</summary>
    public static readonly PdfShape Layers = new();
    public static readonly PdfShape Layer = new();

    static PdfShape()
    {
        var function = Keys(Functions, ("Functions", Function));
        var raw = new PdfShape { Stream = [] };
        var system = new PdfShape { Dict = Keys("Supplement", ("Registry", Text), ("Ordering", Text)) };
        var map = new PdfShape { IsPlain = true };
        map.Stream = Keys("/CMapName WMode", ("CIDSystemInfo", system), ("UseCMap", map));
        var program = new PdfShape { Stream = Keys("Length1 Length2 Length3", ("Subtype", OneOf("Type1C", "CIDFontType0C", "OpenType"))) };

        Plain.Items = Plain;
        Numbers.Items = Numbers;
        Packing.Dict = Keys("Predictor Colors BitsPerComponent Columns ColorTransform K EndOfLine EncodedByteAlign Rows EndOfBlock BlackIs1 DamagedRowsBeforeError", ("JBIG2Globals", raw));
        (Function.Items, Function.Dict, Function.Stream) = (Function, function, function);
        (Colour.Items, Colour.Dict, Colour.Stream) = (Colour, Keys("WhitePoint BlackPoint Gamma Matrix " + Functions, ("Functions", Function)), Keys(Functions, ("Functions", Function), ("Alternate", Colour)));

        Group.Dict = Keys("I K", ("S", OneOf("Transparency")), ("CS", Colour));
        Group.Fixed = [("Type", new PdfName("Group"))];
        Content.Stream = [];
        Content.Items = new PdfShape { Stream = [], IsDrawn = true };
        Resources.Dict = Keys("",
            ("ExtGState", MapOf(State)), ("ColorSpace", MapOf(Colour)), ("Pattern", MapOf(Pattern)), ("Shading", MapOf(Shading)),
            ("XObject", MapOf(XObject)), ("Font", MapOf(Font)), ("Properties", MapOf(LayerOf)));

        Form.Stream = Keys("FormType BBox Matrix", ("Resources", Resources), ("Group", Group), ("OC", LayerOf));
        Form.Fixed = [("Type", new PdfName("XObject")), ("Subtype", new PdfName("Form"))];
        var mask = new PdfShape { Items = Numbers, Stream = [], Picks = Pick };
        Image.Stream = Keys("Width Height BitsPerComponent /Intent ImageMask Decode Interpolate SMaskInData Matte",
            ("ColorSpace", Colour), ("Mask", mask), ("SMask", XObject), ("OC", LayerOf));
        Image.Fixed = [("Type", new PdfName("XObject")), ("Subtype", new PdfName("Image"))];
        XObject.Stream = [];

        State.Dict = Keys("LW LC LJ ML D /RI OP op OPM FL SM SA /BM CA ca AIS TK",
            ("Font", new PdfShape { Items = new PdfShape { IsNumber = true, Dict = [], Picks = _ => Font } }), ("TR", Function), ("TR2", Function),
            ("SMask", new PdfShape { IsPlain = true, Dict = Keys("BC", ("S", OneOf("Alpha", "Luminosity")), ("G", XObject), ("TR", Function)) }));
        State.Fixed = [("Type", new PdfName("ExtGState"))];

        Shading.Dict = Shading.Stream = Keys("ShadingType Background BBox AntiAlias Domain Coords Extend Matrix BitsPerCoordinate BitsPerComponent BitsPerFlag Decode VerticesPerRow",
            ("ColorSpace", Colour), ("Function", Function));
        Pattern.Dict = Keys("PatternType Matrix", ("Shading", Shading), ("ExtGState", State));
        Pattern.Stream = Keys("PatternType PaintType TilingType BBox XStep YStep Matrix", ("Resources", Resources));
        Pattern.Fixed = [("Type", new PdfName("Pattern"))];

        var descriptor = new PdfShape
        {
            Dict = Keys("/FontName /FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth",
                ("FontFile", program), ("FontFile2", program), ("FontFile3", program), ("CharSet", Text), ("CIDSet", raw), ("Style", new PdfShape { Dict = Keys("", ("Panose", Text)) })),
            Fixed = [("Type", new PdfName("FontDescriptor"))],
        };
        Font.Dict = Keys("/BaseFont /Name FirstChar LastChar Widths FontBBox FontMatrix DW W DW2 W2",
            ("Subtype", OneOf("Type0", "Type1", "MMType1", "Type3", "TrueType", "CIDFontType0", "CIDFontType2")), ("FontDescriptor", descriptor),
            ("Encoding", new PdfShape { IsPlain = true, Dict = Keys("/BaseEncoding /Differences"), Stream = map.Stream }),
            ("ToUnicode", map), ("DescendantFonts", new PdfShape { Items = Font }), ("CIDSystemInfo", system),
            ("CIDToGIDMap", new PdfShape { IsPlain = true, Stream = [] }),
            ("CharProcs", MapOf(new PdfShape { Stream = [], IsDrawn = true })), ("Resources", Resources));
        Font.Fixed = [("Type", new PdfName("Font"))];

        Layer.Dict = [];
        // What a layer is called is not needed to show it, and may say where something was made.
        Layer.Fixed = [("Type", new PdfName("OCG")), ("Name", new PdfString([(byte)'-']))];
        Membership.Dict = Keys("", ("P", OneOf("AllOn", "AnyOn", "AnyOff", "AllOff")), ("OCGs", new PdfShape { Items = Layer, Dict = [], Picks = _ => Layer }));
        Membership.Fixed = [("Type", new PdfName("OCMD"))];
        LayerOf.Dict = [];
        var layers = new PdfShape { Items = Layer };
        Layers.Dict = Keys("", ("OCGs", layers), ("D", new PdfShape { Dict = Keys("", ("BaseState", OneOf("ON", "OFF")), ("ON", layers), ("OFF", layers)) }));
    }

    /// <summary>Numbers, true and false.</summary>
    public bool IsNumber { get; private init; }

    /// <summary>Names.</summary>
    public bool IsPlain { get; private init; }

    public bool IsText { get; private init; }

    /// <summary>Whether the stream may be packed as pictures are.</summary>
    public bool IsPicture { get; private init; }

    /// <summary>Whether the stream says what to draw.</summary>
    public bool IsDrawn { get; private init; }

    /// <summary>The only names that may stand there; null for any.</summary>
    public string[]? Names { get; private init; }

    /// <summary>What each item of an array is.</summary>
    public PdfShape? Items { get; private set; }

    /// <summary>What each entry of a dictionary is whose keys are names that a page gives.</summary>
    public PdfShape? Each { get; private init; }

    /// <summary>The keys that come through; null where no dictionary, or no stream, may stand.</summary>
    public Dictionary<string, PdfShape>? Dict { get; private set; }

    public Dictionary<string, PdfShape>? Stream { get; private set; }

    /// <summary>What stands in it whatever stood there before.</summary>
    public (string Key, PdfValue Value)[] Fixed { get; private set; } = [];

    /// <summary>The narrower shape of a dictionary or stream, by what it says of itself; null for this one.</summary>
    public Func<PdfDict, PdfShape>? Picks { get; private init; }

    public bool Accepts(PdfKind kind) => kind switch
    {
        PdfKind.Plain => IsNumber || IsPlain,
        PdfKind.Text => IsText,
        PdfKind.Array => Items is not null,
        PdfKind.Dict => Dict is not null || Each is not null,
        _ => Stream is not null,
    };

    static PdfShape Pick(PdfDict dict) => dict["Subtype"] switch
    {
        PdfName { Text: "Image" } => Image,
        PdfName { Text: "Form" } => Form,
        // Programs for printers.
        _ => throw new FileRefusedException(FileFault.PdfUnclear),
    };

    // What marks a piece of a page and is no layer is for readers that want the structure, which is gone.
    static PdfShape PickLayer(PdfDict dict) => dict["Type"] switch { PdfName { Text: "OCG" } => Layer, PdfName { Text: "OCMD" } => Membership, _ => Empty };

    static PdfShape OneOf(params string[] names) => new() { IsPlain = true, Names = names };

    static PdfShape MapOf(PdfShape each) => new() { Each = each };

    // Keys of numbers, and with a slash those of names too.
    static Dictionary<string, PdfShape> Keys(string plain, params (string Key, PdfShape Shape)[] others)
    {
        var keys = plain.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(key => key.TrimStart('/'), key => key[0] == '/' ? Plain : Numbers);
        foreach (var (key, shape) in others) keys[key] = shape;
        return keys;
    }
}
