import { describe, expect, it } from "vitest";
import { readXml } from "../../shared/store/s3-xml.ts";

describe("the XML of S3", () => {
  it("is read with its declaration, attributes, entities and empty elements", () => {
    const text = `\uFEFF<?xml version="1.0"?>\n<a xmlns="x"><b k='1'>1 &lt;&amp;&#65;&#x42;&quot;&apos;&gt;</b><c/><d /><b>2</b ></a>\n`;
    expect(readXml(text)).toEqual({
      name: "a",
      text: "",
      children: [
        { name: "b", text: "1 <&AB\"'>", children: [] },
        { name: "c", text: "", children: [] },
        { name: "d", text: "", children: [] },
        { name: "b", text: "2", children: [] },
      ],
    });
  });

  it.each([
    "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a>x</a>y", "<a", "<1/>", "<a>&nbsp;</a>", "<a>& b</a>", "<a>&#x110000;</a>", "<a>&#xFFFFFFF;</a>",
    "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "<a><![CDATA[x]]></a>", "<a><!-- c --></a>", "<?xml", `${"<a>".repeat(30)}${"</a>".repeat(30)}`,
  ])("is nothing else: %j", (text) => {
    expect(() => readXml(text)).toThrow(expect.objectContaining({ code: "invalid-xml" }));
  });
});
